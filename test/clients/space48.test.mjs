// @space48/bigcommerce-api 0.3: typed paths over node-fetch. It hands back
// "data", asks for pages until one is empty, and sends the word "undefined" as
// Content-Type when there is no body.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Management } from '@space48/bigcommerce-api';
import { start } from './server.mjs';

let server, client, product, customer;

before(async () => {
  server = await start();
  client = new Management.Client({ storeHash: server.store, accessToken: server.token, agent: server.agent });
  product = await client.v3.post('/catalog/products', { body: { name: 'Desk lamp', type: 'physical', weight: 2, price: 34.9 } });
  [customer] = await client.v3.post('/customers', { body: [{ email: 'ada@example.com', first_name: 'Ada', last_name: 'Byron' }] });
});
after(() => server.stop());

const cart = (query) =>
  client.v3.post('/carts', { query, body: { line_items: [{ product_id: product.id, quantity: 2 }] } });

test('creates and reads a cart', async () => {
  const made = await cart({ include: ['redirect_urls', 'line_items.physical_items.options'] });
  assert.equal(made.cart_amount, 69.8);
  assert.deepEqual(made.line_items.physical_items[0].options, []);
  assert.match(made.redirect_urls.cart_url, /cart\.php\?action=load&id=/);
  const read = await client.v3.get('/carts/{cartId}', { path: { cartId: made.id } });
  assert.equal(read.id, made.id);
  assert.equal(await client.v3.get('/carts/{cartId}', { path: { cartId: 'none' } }), null);
});

test('adds, changes and deletes lines', async () => {
  const { id: cartId } = await cart();
  const added = await client.v3.post('/carts/{cartId}/items', {
    path: { cartId },
    body: { custom_items: [{ name: 'Engraving', quantity: 1, list_price: 5 }] },
  });
  assert.equal(added.cart_amount, 74.8);
  const itemId = added.line_items.physical_items[0].id;
  const path = { cartId, itemId };
  const changed = await client.v3.put('/carts/{cartId}/items/{itemId}', {
    path,
    body: { line_item: { product_id: product.id, quantity: 3 } },
  });
  assert.equal(changed.line_items.physical_items[0].quantity, 3);
  const shorter = await client.v3.delete('/carts/{cartId}/items/{itemId}', { path });
  assert.equal(shorter.line_items.physical_items.length, 0);
});

test('gives a cart to a customer', async () => {
  const { id: cartId } = await cart();
  const given = await client.v3.put('/carts/{cartId}', { path: { cartId }, body: { customer_id: customer.id } });
  assert.equal(given.email, 'ada@example.com');
});

test('makes redirect links', async () => {
  const { id: cartId } = await cart();
  const links = await client.v3.post('/carts/{cartId}/redirect_urls', { path: { cartId } });
  assert.equal(new URL(links.cart_url).searchParams.get('token'), new URL(links.checkout_url).searchParams.get('token'));
});

test('keeps metafields and lists them page by page', async () => {
  const { id: cart_id } = await cart();
  for (const key of ['a', 'b', 'c']) {
    await client.v3.post('/carts/{cart_id}/metafields', {
      path: { cart_id },
      body: { key, value: 'v', namespace: 'n', permission_set: 'app_only' },
    });
  }
  const keys = [];
  for await (const field of client.v3.list('/carts/{cart_id}/metafields', { path: { cart_id }, query: { limit: 2 } })) {
    keys.push(field.key);
  }
  assert.deepEqual(keys, ['a', 'b', 'c']);
});

test('finds products by a list of ids', async () => {
  const found = [];
  for await (const p of client.v3.list('/catalog/products', { query: { 'id:in': [product.id, 999_999] } })) found.push(p.id);
  assert.deepEqual(found, [product.id]);
});

test('deletes a cart', async () => {
  const { id: cartId } = await cart();
  assert.equal(await client.v3.delete('/carts/{cartId}', { path: { cartId } }), null);
  await assert.rejects(client.v3.delete('/carts/{cartId}', { path: { cartId } }), /404/);
});

test('is told what is wrong', async () => {
  await assert.rejects(client.v3.post('/carts', { body: { line_items: [] } }), /422 - .*Missing line_items in request body/);
});

test('speaks version 2 as well', async () => {
  const { currency } = await client.v2.get('/store');
  assert.equal(currency, 'USD');
});
