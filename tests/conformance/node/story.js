// Drives the official Node client through one story and prints what each step was answered, as JSON.
// Standard input: {"lives": [{"resource", "bodies", "edit"}], "content": {…}}; the keys and the base URL come
// from the variables the client's README names, and MJSYNC_BASE_URL.
'use strict';

const Mailjet = require('node-mailjet');

const base = new URL(process.env.MJSYNC_BASE_URL);
Mailjet.Request.protocol = `${base.protocol}//`; // the client's half of a base URL; `host` is the other

function connect(apiSecret, version = 'v3') {
  return new Mailjet.Client({
    apiKey: process.env.MJ_APIKEY_PUBLIC,
    apiSecret,
    config: { host: base.host, version },
  });
}

const mailjet = connect(process.env.MJ_APIKEY_PRIVATE);

async function ask(request) {
  try {
    const { response, body } = await request;
    return { status: response.status, body };
  } catch (error) {
    return { status: error.statusCode, message: error.message };
  }
}

async function live({ resource, bodies, edit }) {
  const story = {};
  const create = (body) => ask(mailjet.post(resource).request(body));
  story.created = await create(bodies[0]);
  const id = story.created.body.Data[0].ID;
  story.read = await ask(mailjet.get(resource).id(id).request());
  story.duplicate = await create(bodies[0]);
  for (const body of bodies.slice(1)) await create(body);
  story.everything = await ask(mailjet.get(resource).request({}, { Limit: 1000 }));
  const Offset = story.everything.body.Count - 3;
  story.page = await ask(mailjet.get(resource).request({}, { Limit: 2, Offset }));
  story.unchanged = await ask(mailjet.put(resource).id(id).request(bodies[0]));
  story.updated = await ask(mailjet.put(resource).id(id).request(edit));
  story.deleted = await ask(mailjet.delete(resource).id(id).request());
  story.left = await ask(mailjet.get(resource).request({}, { Limit: 1000 }));
  story.missing = await ask(mailjet.get(resource).id(424242424242).request());
  story.stranger = await ask(connect('wrong').get(resource).request());
  return story;
}

async function tell({ lives, content }) {
  const stories = { resources: {}, content: {}, contact: {}, send: {} };
  for (const each of lives) stories.resources[each.resource] = await live(each);

  const { ID } = (await mailjet.post('template').request({ Name: 'Content' })).body.Data[0];
  const part = (method) => mailjet[method]('template').id(ID).action('detailcontent');
  stories.content.posted = await ask(part('post').request(content));
  stories.content.put = await ask(part('put').request({ 'Text-part': 'new' }));
  stories.content.read = await ask(part('get').request());

  const person = { Email: 'passenger@example.com', IsExcludedFromCampaigns: true, Name: 'New Contact' };
  stories.contact.created = await ask(mailjet.post('contact').request(person));
  const contact = stories.contact.created.body.Data[0].ID;
  const list = (await mailjet.post('contactslist').request({ Name: 'Passengers' })).body.Data[0].ID;
  const ContactsLists = [{ ListID: list, Action: 'addnoforce' }];
  stories.contact.joined = await ask(
    mailjet.post('contact').id(contact).action('managecontactslists').request({ ContactsLists }),
  );
  stories.contact.filtered = await ask(mailjet.get('contact').request({}, { IsExcludedFromCampaigns: false }));
  stories.contact.deleted = await ask(mailjet.delete('contact').id(contact).request());

  const sender = connect(process.env.MJ_APIKEY_PRIVATE, 'v3.1');
  const message = { From: { Email: 'pilot@example.com' }, To: [{ Email: 'passenger@example.com' }], Subject: 'Plan' };
  const send = (more, SandboxMode = true) =>
    ask(sender.post('send').request({ Messages: [{ ...message, ...more }], SandboxMode }));
  stories.send.text = await send({ TextPart: 'Dear passenger' });
  stories.send.template = await send({ TemplateID: ID, TemplateLanguage: true, Variables: { name: 'John' } });
  stories.send.unknown = await send({ TemplateID: 123 });
  stories.send.real = await send({ TextPart: 'Dear passenger' }, false);
  return stories;
}

let text = '';
process.stdin.on('data', (chunk) => { text += chunk; });
process.stdin.on('end', async () => console.log(JSON.stringify(await tell(JSON.parse(text)))));
