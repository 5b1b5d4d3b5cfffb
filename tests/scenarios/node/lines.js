// JSON lines: what happened goes to standard output, orders come from standard input.
'use strict';

const readline = require('readline');

function tell(event, data) {
    process.stdout.write(JSON.stringify({event, ...data}) + '\n');
}

// Runs `obey(order)` for each line; the end of standard input ends the program.
function listen(obey) {
    const lines = readline.createInterface({input: process.stdin});
    lines.on('line', async (line) => {
        const order = JSON.parse(line);
        try {
            tell('answer', {order: order.order, payload: await obey(order)});
        } catch (error) {
            tell('answer', {order: order.order, error: error.message, code: error.rpcErrorCode ?? error.constructor.name});
        }
    });
    lines.on('close', () => process.exit(0));
}

// A message that breaks its schema, ours or the other side's.
function reportBreaches(peer) {
    peer.on('strictValidationFailure', ({messageId, method, params, result, error, outbound, isCall}) => {
        tell('breach', {messageId, method, payload: params ?? result, error: String(error), details: error.details, outbound, isCall});
    });
}

module.exports = {tell, listen, reportBreaches};
