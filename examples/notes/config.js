// Where the API is, and its anon key, which is no secret. `npm start` serves a file of its own in
// place of this one; write yours here if you serve the folder yourself.

export const config = {
  url: 'http://127.0.0.1:9999',
  anonKey: '',
  // The web inbox of `npm start`; leave it empty where mail goes to real people.
  inboxUrl: '',
}
