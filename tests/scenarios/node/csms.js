// A central system on ocpp-rpc in strict mode (but in 2.1, whose schemas it does not find): node csms.js ocpp1.6|ocpp2.0.1|ocpp2.1
'use strict';

const {RPCServer} = require('ocpp-rpc');
const {tell, listen, reportBreaches} = require('./lines');

const [protocol] = process.argv.slice(2);
const server = new RPCServer({protocols: [protocol], strictMode: protocol !== 'ocpp2.1', callTimeoutMs: 10000});
const old = protocol === 'ocpp1.6';
const accepted = {status: 'Accepted'};
let client = null;
let transactions = 0;

const ANSWERS = {
    BootNotification: () => ({currentTime: new Date().toISOString(), interval: 300, status: 'Accepted'}),
    Heartbeat: () => ({currentTime: new Date().toISOString()}),
    Authorize: () => (old ? {idTagInfo: accepted} : {idTokenInfo: accepted}),
    StartTransaction: () => ({transactionId: ++transactions, idTagInfo: accepted}),
    StopTransaction: () => ({idTagInfo: accepted}),
    TransactionEvent: ({eventType}) => (eventType === 'Started' ? {idTokenInfo: accepted} : {}),
    DataTransfer: () => ({status: 'Accepted'}),
};

server.auth((accept, _reject, handshake) => {
    tell('handshake', {identity: handshake.identity, password: handshake.password ? String(handshake.password) : null});
    accept({});
});
server.on('client', (connected) => {
    client = connected;
    reportBreaches(client);
    client.on('badMessage', ({buffer, error}) => tell('breach', {payload: String(buffer), error: String(error)}));
    client.on('close', ({code}) => tell('closed', {code}));
    client.handle(({method, params}) => {
        tell('heard', {method, params});
        return (ANSWERS[method] ?? (() => ({})))(params);
    });
});

listen(async ({action, payload}) => client.call(action, payload));
server.listen(0, '127.0.0.1').then((http) => tell('listening', {port: http.address().port}));
