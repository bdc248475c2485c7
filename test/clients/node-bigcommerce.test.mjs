// node-bigcommerce 4: plain methods over paths. It parses what is declared as
// JSON, takes a member "errors" for a failure, and waits for X-Retry-After.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import BigCommerce from 'node-bigcommerce';
import { start } from './server.mjs';

let server, client, product, customer;

before(async () => {
  server = await start();
  client = connect(server);
  ({ data: product } = await client.post('/catalog/products', { name: 'Desk lamp', type: 'physical', weight: 2, price: 34.9 }));
  ({ data: [customer] } = await client.post('/customers', [{ email: 'ada@example.com', first_name: 'Ada', last_name: 'Byron' }]));
});
after(() => server.stop());

function connect({ store, token, agent }, options) {
  return new BigCommerce({ clientId: 'x', accessToken: token, storeHash: store, responseType: 'json', apiVersion: 'v3', agent, ...options });
}

async function cart(quantity = 2) {
  const { data } = await client.post('/carts', { line_items: [{ product_id: product.id, quantity }] });
  return data;
}

test('creates and reads a cart', async () => {
  const { data, meta } = await client.post('/carts?include=redirect_urls', { line_items: [{ product_id: product.id, quantity: 2 }] });
  assert.deepEqual(meta, {});
  assert.equal(data.cart_amount, 69.8);
  assert.match(data.redirect_urls.checkout_url, /cart\.php\?action=loadInCheckout&id=/);
  const again = await client.get(`/carts/${data.id}`);
  assert.equal(again.data.id, data.id);
  assert.equal(again.data.line_items.physical_items[0].quantity, 2);
});

test('adds, changes and deletes lines', async () => {
  const { id } = await cart();
  const added = await client.post(`/carts/${id}/items`, { custom_items: [{ name: 'Engraving', quantity: 1, list_price: 5 }] });
  assert.equal(added.data.cart_amount, 74.8);
  const [line] = added.data.line_items.physical_items;
  const changed = await client.put(`/carts/${id}/items/${line.id}`, { line_item: { product_id: product.id, quantity: 3 } });
  assert.equal(changed.data.line_items.physical_items[0].quantity, 3);
  const shorter = await client.delete(`/carts/${id}/items/${line.id}`);
  assert.deepEqual(shorter.data.line_items.physical_items, []);
  const [custom] = shorter.data.line_items.custom_items;
  assert.equal(await client.delete(`/carts/${id}/items/${custom.id}`), '', 'the last line takes the cart with it');
  await assert.rejects(client.get(`/carts/${id}`), { code: 404 });
});

test('gives a cart to a customer', async () => {
  const { id } = await cart();
  const { data } = await client.put(`/carts/${id}`, { customer_id: customer.id });
  assert.equal(data.customer_id, customer.id);
  assert.equal(data.email, 'ada@example.com');
});

test('makes redirect links without a body', async () => {
  const { id } = await cart();
  const { data } = await client.post(`/carts/${id}/redirect_urls`);
  assert.deepEqual(Object.keys(data), ['cart_url', 'checkout_url', 'embedded_checkout_url']);
});

test('keeps metafields', async () => {
  const { id } = await cart();
  const field = { key: 'note', value: 'Ring twice', namespace: 'shipping', permission_set: 'read' };
  const { data } = await client.post(`/carts/${id}/metafields`, field);
  assert.equal(typeof data.id, 'string');
  const changed = await client.put(`/carts/${id}/metafields/${data.id}`, { ...field, value: 'Do not ring' });
  assert.equal(changed.data.value, 'Do not ring');
  const { data: list, meta } = await client.get(`/carts/${id}/metafields`);
  assert.equal(list.length, 1);
  assert.equal(meta.pagination.total, 1);
  assert.equal(await client.delete(`/carts/${id}/metafields/${data.id}`), '');
});

test('deletes a cart', async () => {
  const { id } = await cart();
  assert.equal(await client.delete(`/carts/${id}`), '');
  await assert.rejects(client.delete(`/carts/${id}`), { code: 404 });
});

test('is told what is wrong', async () => {
  await assert.rejects(client.post('/carts', { line_items: [{ product_id: product.id, quantity: 'many' }] }), (error) => {
    assert.equal(error.code, 422);
    assert.deepEqual(JSON.parse(error.responseBody).errors, { 'line_items.0.quantity': 'error.expected.jsnumber' });
    return true;
  });
  await assert.rejects(connect({ ...server, token: 'wrong' }).get('/carts/settings'), { code: 401 });
});

test('speaks version 2 as well', async () => {
  const { time } = await connect(server, { apiVersion: 'v2' }).get('/time');
  assert.ok(Number.isInteger(time));
});

test('is told how long to wait', async () => {
  const limited = await start('--quota', '3');
  try {
    const hasty = connect(limited, { failOnLimitReached: true });
    for (let i = 0; i < 3; i++) await hasty.get('/carts/settings');
    await assert.rejects(hasty.get('/carts/settings'), (error) => {
      assert.ok(error.retryAfter >= 1 && error.retryAfter <= 30, `wait ${error.retryAfter} seconds`);
      return true;
    });
  } finally {
    await limited.stop();
  }
});
