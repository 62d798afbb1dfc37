// Sends one message by v3.1 and one by v3 with the official Node client, and prints both answers as JSON.
'use strict';

const Mailjet = require('node-mailjet');

const base = new URL(process.env.MJSYNC_BASE_URL);
Mailjet.Request.protocol = `${base.protocol}//`;

const client = (version) => new Mailjet.Client({
  apiKey: process.env.MJ_APIKEY_PUBLIC,
  apiSecret: process.env.MJ_APIKEY_PRIVATE,
  config: { host: base.host, version },
});

(async () => {
  const message = { From: { Email: 'pilot@example.com' }, To: [{ Email: 'passenger@example.com' }], TextPart: 'New' };
  const current = await client('v3.1').post('send').request({ Messages: [message] });
  const Recipients = [{ Email: 'passenger@example.com' }];
  const body = { FromEmail: 'pilot@example.com', Subject: 'Plan', 'Text-part': 'Old', Recipients };
  const legacy = await client('v3').post('send').request(body);
  console.log(JSON.stringify({ current: current.body, legacy: legacy.body }));
})();
