#!/usr/bin/env node
// An adapter in JavaScript: node-redis with JSON values under Django's keys. Speaks ../PROTOCOL.md,
// and shows what a client without knowledge of Django's encoding gets wrong: it cannot read values
// and counters of other clients, and tuples come back as lists.
//
//   NODE_PATH=/usr/share/nodejs djcache-conformance --server redis \
//     --adapter 'node conformance/adapters/node_redis.js'
"use strict";
const readline = require("readline");
const { createClient } = require("redis");

class Unsupported extends Error {}
class Raised extends Error {
  constructor(kind, text) {
    super(text);
    this.kind = kind; // the class of Django's exception
  }
}

const CALLS = ["get", "set", "add", "touch", "delete", "has_key", "get_many", "set_many", "delete_many", "incr", "decr", "clear"];
let client = null;
let alias = {};

// Floats are tagged to distinguish 1.0 from 1; values that JSON cannot express are not supported.
function check(value) {
  if (Array.isArray(value)) value.forEach(check);
  else if (value && typeof value === "object") {
    const [tag] = Object.keys(value);
    if (tag && tag.startsWith("$") && tag !== "$float") throw new Unsupported(`values tagged ${tag}`);
    Object.values(value).forEach(check);
  }
  return value;
}
const encode = (value) => JSON.stringify(check(value));
const decode = (text) => JSON.parse(text);

function keyOf(key, version) {
  return `${alias.KEY_PREFIX || ""}:${version === undefined || version === null ? alias.VERSION || 1 : version}:${key}`;
}

// Seconds; null: no expiry; 0: expires at once.
function seconds(args) {
  const given = "timeout" in args ? args.timeout : "TIMEOUT" in alias ? alias.TIMEOUT : 300;
  if (given === null) return null;
  return Math.max(0, Math.trunc(typeof given === "object" ? Number(given.$float) : given));
}

async function set(key, value, args, more) {
  const life = seconds(args);
  if (life === 0) return more && more.NX ? !(await client.exists(key)) : (await client.del(key), true);
  return (await client.set(key, encode(value), { ...(life === null ? {} : { EX: life }), ...more })) !== null;
}

async function incr(args, sign) {
  const key = keyOf(args.key, args.version);
  if (!(await client.exists(key))) throw new Raised("ValueError", `Key '${args.key}' not found`);
  return client.incrBy(key, sign * ("delta" in args ? args.delta : 1));
}

const verbs = {
  async get(args) {
    const text = await client.get(keyOf(args.key, args.version));
    if (text !== null) return decode(text);
    return "default" in args ? args.default : { $miss: true };
  },
  set: async (args) => (await set(keyOf(args.key, args.version), args.value, args), null),
  add: (args) => set(keyOf(args.key, args.version), args.value, args, { NX: true }),
  async touch(args) {
    const key = keyOf(args.key, args.version);
    const life = seconds(args);
    if (life === null) return (await client.exists(key)) > 0 && (await client.persist(key), true);
    return life === 0 ? (await client.del(key)) > 0 : client.expire(key, life);
  },
  delete: async (args) => (await client.del(keyOf(args.key, args.version))) > 0,
  has_key: async (args) => (await client.exists(keyOf(args.key, args.version))) > 0,
  async get_many(args) {
    const found = {};
    if (args.keys.length === 0) return found;
    const texts = await client.mGet(args.keys.map((key) => keyOf(key, args.version)));
    args.keys.forEach((key, i) => { if (texts[i] !== null) found[key] = decode(texts[i]); });
    return found;
  },
  async set_many(args) {
    for (const [key, value] of Object.entries(args.data)) await set(keyOf(key, args.version), value, args);
    return [];
  },
  async delete_many(args) {
    if (args.keys.length > 0) await client.del(args.keys.map((key) => keyOf(key, args.version)));
    return null;
  },
  incr: (args) => incr(args, 1),
  decr: (args) => incr(args, -1),
  clear: async () => (await client.flushDb(), true),
};

async function open(message) {
  alias = message.caches.default;
  if (alias.KEY_FUNCTION) throw new Unsupported("KEY_FUNCTION");
  if (!/^redis:\/\/[^,;]+$/.test(alias.LOCATION)) throw new Unsupported("this LOCATION");
  client = createClient({ url: alias.LOCATION, socket: { reconnectStrategy: false } });
  client.on("error", () => {}); // each call reports its own error
  await client.connect();
  return { opened: true };
}

async function close() {
  const open = client && client.isOpen;
  if (open) await client.disconnect();
  client = null;
}

async function answer(message) {
  switch (Object.keys(message)[0]) {
    case "hello":
      return { hello: 1, name: "node-redis", versions: { node: process.versions.node }, backends: ["redis"],
               serializers: ["json"], calls: CALLS };
    case "open": return open(message);
    case "call": return { returns: await verbs[message.call](message.kwargs) };
    case "close": return close().then(() => ({ closed: true }));
    case "bye": return { bye: true };
    default: return { unsupported: Object.keys(message)[0] };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    const out = await answer(message).catch((error) =>
      error instanceof Unsupported ? { unsupported: error.message }
                                   : { raises: error.kind || (error.message.includes("Socket") ? "ConnectionError" : "ResponseError"),
                                       detail: error.message });
    process.stdout.write(JSON.stringify(out) + "\n");
    if ("bye" in message) break;
  }
})();
