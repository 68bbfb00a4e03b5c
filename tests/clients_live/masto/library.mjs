// masto, told what to do: a line of JSON in, a line of JSON out, for as long as its input is open.
// It asks for Node.js 22; of what that has, Node.js 20 misses no more than the two things that stand first here.

import { openAsBlob } from 'node:fs'
import { createInterface } from 'node:readline'
import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient, MastoHttpError } from 'masto'
import { WebSocket } from 'ws'

globalThis.WebSocket ??= WebSocket
Promise.withResolvers ??= () => {
  const made = {}
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}

const heard = []
let url, app, client, streaming, token, page
let open = false

const library = {
  // What the app is called by the server; the address of the consent page is for the caller to make, as in every app.
  async register(base, redirectUri) {
    url = base
    app = await createRestAPIClient({ url }).v1.apps.create({
      clientName: 'Tuin',
      redirectUris: redirectUri,
      scopes: 'read write follow push',
      website: 'https://tuin.example',
    })
    return app.clientId
  },

  async signIn(code, redirectUri, codeVerifier) {
    const { clientId, clientSecret } = app
    const given = { grantType: 'authorization_code', clientId, clientSecret, redirectUri, code, codeVerifier }
    token = (await createOAuthAPIClient({ url }).token.create(given)).accessToken
    client = createRestAPIClient({ url, accessToken: token })
    return token
  },

  async signOut() {
    await createOAuthAPIClient({ url }).revoke.create({
      clientId: app.clientId,
      clientSecret: app.clientSecret,
      token,
    })
  },

  // `path` as in the documentation of masto, with ["id"] for $select("id"); `file` is sent as what it holds.
  async call(path, given, file) {
    let found = client
    for (const step of path) found = Array.isArray(step) ? found.$select(step[0]) : found[step]
    const said = file ? { ...given, file: await openAsBlob(file) } : given
    const asked = said === null ? found() : found(said)
    page = asked[Symbol.asyncIterator]?.()
    return page ? (await page.next()).value : asked
  },

  async more() {
    return (await page.next()).value ?? []
  },

  async listen() {
    const { configuration } = await client.v2.instance.fetch()
    streaming = createStreamingAPIClient({
      streamingApiUrl: configuration.urls.streaming,
      accessToken: token,
      implementation: globalThis.WebSocket,
      retry: false,
    })
    await streaming.prepare()
    open = true
    hear(streaming.user.subscribe())
  },

  async told() {
    return { events: heard, open }
  },
}

// A line that is closed by the server ends here as a fault of the library: it would have liked to open it once more.
async function hear(events) {
  try {
    for await (const { event, payload } of events) heard.push({ event, payload })
  } catch (fault) {
    console.error(fault)
  } finally {
    open = false
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  let said
  try {
    said = { gives: (await library[asked.do](...asked.given)) ?? null }
  } catch (fault) {
    said = {
      refused: [String(fault.statusCode ?? ''), fault.message],
      kind: fault instanceof MastoHttpError ? 'MastoHttpError' : String(fault.stack),
    }
  }
  process.stdout.write(JSON.stringify(said) + '\n')
}
process.exit()
