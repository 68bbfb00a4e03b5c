// A small server on Fedify that does what a test tells it. All that is ActivityPub here is Fedify's own work: JSON-LD,
// signatures, proofs, WebFinger, fetching. It listens on loopback, speaks plain http and keeps everything in memory.
//
//   node peer.mjs [rfc9421|draft-cavage-http-signatures-12]    how it signs when it does not know a server yet
//
// It prints its address when it is ready. The test speaks with it by POST /control/VERB with a JSON object; the verbs
// are at the end.

import { createServer } from "node:http";
import {
  createFederation,
  detachSignature,
  generateCryptoKeyPair,
  MemoryKvStore,
  parseNodeInfo,
  verifyObject,
} from "@fedify/fedify";
import * as vocab from "@fedify/vocab";
import { Temporal } from "@js-temporal/polyfill";
import jsonld from "jsonld";

const VB = "https://vraagbaak.example/ns#";
const APPLICATION = "https://www.w3.org/ns/activitystreams#Application";
const DIALECT = { rfc9421: "signature-input", "draft-cavage-http-signatures-12": "signature" };

const rsa = generateCryptoKeyPair("RSASSA-PKCS1-v1_5"); // one for all: making one is slow, and only its id differs

const actors = new Map(); // name -> { kind, keys, more, followers }
const notes = new Map(); // key -> Note
const said = new Map(); // key -> activity of ours
const received = []; // what Fedify let in, oldest first
const knocks = []; // every POST to an inbox here, with what Fedify answered
const sent = []; // every POST by Fedify, with what it was answered
let refused = ""; // a way of signing that is answered with 401 before Fedify sees it

const federation = createFederation({
  kv: new MemoryKvStore(),
  allowPrivateAddress: true, // we are all on loopback
  firstKnock: process.argv[2] ?? "rfc9421",
});

// Who is here

federation
  .setActorDispatcher("/users/{identifier}", async (context, name) => {
    const known = actors.get(name);
    if (!known) return null;
    const keys = await context.getActorKeyPairs(name);
    const actor = new vocab[known.kind]({
      id: context.getActorUri(name),
      preferredUsername: name,
      name: name.toUpperCase(),
      inbox: context.getInboxUri(name),
      outbox: context.getOutboxUri(name),
      followers: context.getFollowersUri(name),
      publicKey: keys[0].cryptographicKey,
      assertionMethods: keys.map((key) => key.multikey),
    });
    if (!known.more) return actor;
    // Members that Fedify has no words for; it serves the document as it was read.
    return await vocab[known.kind].fromJsonLd({ ...(await actor.toJsonLd(context)), ...known.more }, context);
  })
  .setKeyPairsDispatcher((_, name) => actors.get(name)?.keys ?? []);

federation.setFollowersDispatcher("/users/{identifier}/followers", (_, name) => ({
  items: [...(actors.get(name)?.followers.values() ?? [])],
}));

federation
  .setOutboxDispatcher("/users/{identifier}/outbox", (context, name, cursor) => {
    const actor = context.getActorUri(name).href;
    return cursor == null ? null : { items: [...said.values()].filter((each) => each.actorId.href === actor) };
  })
  .setFirstCursor(() => "first");

federation.setObjectDispatcher(vocab.Note, "/notes/{key}", (_, { key }) => notes.get(key) ?? null);
federation.setObjectDispatcher(vocab.Activity, "/activities/{key}", (_, { key }) => said.get(key) ?? null);

federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
  software: { name: "fedify-peer", version: "1.0.0" },
  protocols: ["activitypub"],
  usage: { users: {}, localPosts: 0, localComments: 0 },
}));

// What comes in

federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .on(vocab.Activity, async (context, activity) => {
    const found = await understood(activity, await loaders(context, context.recipient));
    received.push({ inbox: context.recipient, ...found });
    if (activity instanceof vocab.Follow) await acceptFollow(context, activity);
  });

async function acceptFollow(context, follow) {
  const target = context.parseUri(follow.objectId);
  const follower = await follow.getActor(context);
  actors.get(target.identifier).followers.set(follower.id.href, follower);
  await send(context, target.identifier, "Accept", [follower.id], { object: follow });
}

/** How somebody here fetches: with a signature of their own, and contexts from Fedify's stock. */
async function loaders(context, name) {
  return {
    contextLoader: context.contextLoader,
    documentLoader: await context.getDocumentLoader({ identifier: name }),
  };
}

/** What Fedify makes of something, down to what it is about; our own members by the names that expansion gives them. */
async function understood(thing, options, around = {}) {
  if (thing == null) return null;
  const ours = thing.id?.href in around ? around : await ourMembers(await thing.toJsonLd(options), options);
  const found = { type: thing.constructor.name, id: thing.id?.href, vb: ours[thing.id?.href] ?? {} };
  if (thing instanceof vocab.Activity) {
    found.actor = thing.actorId?.href;
    found.object = await understood(await thing.getObject({ ...options, suppressError: true }), options, ours);
    found.object ??= { id: thing.objectId?.href };
    found.target = thing.targetId?.href;
    return found;
  }
  found.tags = [];
  for await (const tag of thing.getTags(options)) {
    found.tags.push([tag.constructor.name, `${tag.name}`, tag.href?.href]);
  }
  return Object.assign(found, {
    author: thing.attributionId?.href,
    content: thing.content?.toString(),
    title: thing.name?.toString(),
    inReplyTo: thing.replyTargetId?.href,
    to: thing.toIds.map((uri) => uri.href),
    published: thing.published?.toString(),
    updated: thing.updated?.toString(),
  });
}

/** For everything that a document tells of, by its id: the members of our own vocabulary. */
async function ourMembers(document, { contextLoader }) {
  const found = {};
  for (const node of await jsonld.flatten(document, null, { documentLoader: contextLoader })) {
    const ours = Object.entries(node).filter(([name]) => name.startsWith(VB));
    const plain = ([name, values]) => [name.slice(VB.length), values.map((each) => each["@value"] ?? each["@id"])];
    found[node["@id"]] = Object.fromEntries(ours.map(plain));
  }
  return found;
}

// What goes out

/** Signed and delivered by Fedify to these actors, who are looked up first. */
async function send(context, name, kind, to, members) {
  const recipients = [];
  for (const uri of to) recipients.push(await look(context, name, uri));
  const key = crypto.randomUUID();
  const id = context.getObjectUri(vocab.Activity, { key });
  const activity = new vocab[kind]({ id, actor: context.getActorUri(name), ...members });
  said.set(key, activity);
  await context.sendActivity({ identifier: name }, recipients, activity);
  return activity.id.href;
}

async function look(context, name, uri) {
  const found = await context.lookupObject(uri, await loaders(context, name));
  if (!found) throw new Error(`Fedify finds nothing at ${uri}`);
  return found;
}

const keyOf = (context, uri) => context.parseUri(new URL(uri)).values.key;
const known = (context, things, uri) => things.get(keyOf(context, uri));

function urls(list) {
  return (list ?? []).map((each) => new URL(each));
}

const globalFetch = globalThis.fetch;
globalThis.fetch = async (request, options) => {
  const { hostname } = new URL(request.url ?? request);
  if (hostname !== "localhost") throw new TypeError(`nothing is fetched from ${hostname}`);
  const body = request.method === "POST" ? await request.clone().json() : null;
  const response = await globalFetch(request, options);
  if (body) sent.push({ to: request.url, dialect: dialectOf(request.headers), status: response.status, document: body });
  return response;
};

/** How a request is signed: RFC 9421 has a header more than its predecessor. */
function dialectOf(headers) {
  return Object.keys(DIALECT).find((name) => headers.has(DIALECT[name])) ?? null;
}

// The test's end

const VERBS = {
  /** Somebody new; `more` are members for its document. */
  actor: async (context, { name, kind = "Person", more }) => {
    const keys = [await rsa, await generateCryptoKeyPair("Ed25519")];
    actors.set(name, { kind, keys, more, followers: new Map() });
    return context.getActorUri(name).href;
  },
  follow: (context, { name, target }) =>
    send(context, name, "Follow", [target], { object: new URL(target), to: new URL(target) }),
  like: (context, { name, object, to }) =>
    send(context, name, "Like", [to], { object: new URL(object), to: new URL(to) }),
  undo: (context, { name, activity, to }) =>
    send(context, name, "Undo", [to], { object: known(context, said, activity), to: new URL(to) }),
  /** A Note, mentioning and sent to `to`. */
  post: async (context, { name, content, inReplyTo, to }) => {
    const key = crypto.randomUUID();
    const note = new vocab.Note({
      id: context.getObjectUri(vocab.Note, { key }),
      attribution: context.getActorUri(name),
      content,
      replyTarget: inReplyTo ? new URL(inReplyTo) : null,
      tos: [vocab.PUBLIC_COLLECTION],
      ccs: [context.getFollowersUri(name), ...urls(to)],
      tags: urls(to).map((href) => new vocab.Mention({ href, name: href.href })),
      published: Temporal.Now.instant(),
    });
    notes.set(key, note);
    await send(context, name, "Create", to, { object: note, tos: note.toIds, ccs: note.ccIds });
    return note.id.href;
  },
  edit: async (context, { name, note, content, to }) => {
    const edited = known(context, notes, note).clone({ content, updated: Temporal.Now.instant() });
    notes.set(keyOf(context, note), edited);
    return await send(context, name, "Update", to, { object: edited, tos: edited.toIds, ccs: edited.ccIds });
  },
  delete: async (context, { name, note, to }) => {
    notes.delete(keyOf(context, note));
    const object = new vocab.Tombstone({ id: new URL(note) });
    return await send(context, name, "Delete", to, { object, tos: [vocab.PUBLIC_COLLECTION, ...urls(to)] });
  },
  /** Something said here, passed on whole by a group to its followers. */
  announce: async (context, { name, activity }) => {
    const members = { object: known(context, said, activity), to: vocab.PUBLIC_COLLECTION };
    return await send(context, name, "Announce", [...actors.get(name).followers.keys()], members);
  },
  /** The id of what was said about something. */
  said: (_, { kind, about }) =>
    [...said.values()].findLast((each) => each instanceof vocab[kind] && each.objectId.href === about).id,
  /** What Fedify makes of what stands at a uri; null when there is nothing for it. */
  look: async (context, { name, uri }) => {
    const options = await loaders(context, name);
    return await understood(await context.lookupObject(uri, options), options);
  },
  /** What Fedify meets on its way through a collection: types and ids. */
  items: async (context, { name, uri }) => {
    const found = [];
    const collection = await look(context, name, uri);
    for await (const item of context.traverseCollection(collection, await loaders(context, name))) {
      found.push([item.constructor.name, item.id?.href]);
    }
    return found;
  },
  /** The keys of an actor, by id: the algorithms that Fedify imports them for. */
  keys: async (context, { name, uri }) => {
    const actor = await look(context, name, uri);
    const found = {};
    for await (const key of actor.getPublicKeys(context)) found[key.id.href] = key.publicKey.algorithm.name;
    for await (const key of actor.getAssertionMethods(context)) found[key.id.href] = key.publicKey.algorithm.name;
    return found;
  },
  /** A NodeInfo document as Fedify reads it; it fetches none from loopback. */
  nodeinfo: (_, { document }) => parseNodeInfo(document),
  webfinger: (context, { uri }) => context.lookupWebFinger(uri),
  /** Whether the proof in an activity holds, by Fedify's own word (FEP-8b32). */
  proven: async ({ contextLoader, documentLoader }, { document }) =>
    (await verifyObject(vocab.Activity, detachSignature(document), { contextLoader, documentLoader })) != null,
  refuse: (_, { dialect }) => void (refused = dialect),
  received: () => received,
  knocks: () => knocks,
  sent: () => sent,
};

const server = createServer(async (incoming, outgoing) => {
  let response;
  try {
    response = await answer(incoming);
  } catch (error) {
    response = new Response(error.stack, { status: 500 });
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
});

async function answer(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
  const { method, headers } = incoming;
  const request = new Request(new URL(incoming.url, home()), { method, headers, body });
  const path = new URL(request.url).pathname;
  if (path.startsWith("/control/")) {
    const context = federation.createContext(new URL(home()));
    return Response.json((await VERBS[path.slice("/control/".length)](context, await request.json())) ?? null);
  }
  if (path === "/.well-known/nodeinfo") return await withApplication(await federation.fetch(request, {}));
  if (request.method !== "POST") return await federation.fetch(request, {});
  const dialect = dialectOf(request.headers);
  const welcome = dialect !== refused;
  const response = welcome ? await federation.fetch(request, {}) : new Response("not like that", { status: 401 });
  knocks.push({ path, dialect, status: response.status, document: JSON.parse(body) });
  return response;
}

/** The links to NodeInfo, with one to the actor of the server itself, if it has one (FEP-2677). */
async function withApplication(response) {
  const { links } = await response.json();
  const [found] = [...actors].find(([, { kind }]) => kind === "Application") ?? [];
  if (found) links.push({ rel: APPLICATION, href: `${home()}/users/${found}` });
  return Response.json({ links });
}

const home = () => `http://localhost:${server.address().port}`;
server.listen(0, "127.0.0.1", () => console.log(home()));
