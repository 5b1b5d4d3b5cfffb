// Where log-in may lead: a path of ours. Browsers read "\" as "/", so "/\host" is another host.
export const localPath = (next) => (/^\/(?![/\\])/.test(next || "") ? next : "/");
