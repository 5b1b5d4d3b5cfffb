// A station on ocpp-rpc in strict mode (but in 2.1, whose schemas it does not find): node station.js URL IDENTITY PASSWORD ocpp1.6|ocpp2.0.1|ocpp2.1
'use strict';

const {RPCClient, createRPCError} = require('ocpp-rpc');
const {tell, listen, reportBreaches} = require('./lines');

const [endpoint, identity, password, protocol] = process.argv.slice(2);
const station = new RPCClient({
    endpoint, identity, password, protocols: [protocol], strictMode: protocol !== 'ocpp2.1', reconnect: false, callTimeoutMs: 10000,
});

const ANSWERS = {
    Reset: {status: 'Accepted'},
    ChangeAvailability: {status: 'Scheduled'},
    RemoteStartTransaction: {status: 'Accepted'},
    RequestStartTransaction: {status: 'Accepted'},
    RemoteStopTransaction: {status: 'Rejected'},
    RequestStopTransaction: {status: 'Rejected'},
    TriggerMessage: {status: 'Accepted'},
    UnlockConnector: {status: 'UnlockFailed'},
    GetConfiguration: {configurationKey: [{key: 'HeartbeatInterval', readonly: false, value: '300'}], unknownKey: []},
    ChangeConfiguration: {status: 'RebootRequired'},
    DataTransfer: {status: 'UnknownVendorId'},
};

reportBreaches(station);
station.handle(({method, params}) => {
    tell('asked', {method, params});
    if (method === 'GetVariables') {
        return {
            getVariableResult: params.getVariableData.map(({component, variable}) => ({
                attributeStatus: 'Accepted', attributeValue: '300', component, variable,
            })),
        };
    }
    if (method in ANSWERS) {
        return ANSWERS[method];
    }
    throw createRPCError('NotImplemented', `no ${method} here`);
});
station.on('close', ({code, reason}) => tell('closed', {code, reason: String(reason)}));

listen(async ({action, payload}) => station.call(action, payload));
station.connect().then(
    () => tell('connected', {protocol: station.protocol}),
    (error) => tell('refused', {error: error.message, code: error.code}),
);
