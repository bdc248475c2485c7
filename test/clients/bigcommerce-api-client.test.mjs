// bigcommerce-api-client 0.7: a method for each operation, over axios. It sends
// Content-Type with every request, turns dates into objects, retries 429 and
// 5xx, and takes 404 on GET and DELETE for "not there".

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BigCommerceApiClient } from 'bigcommerce-api-client';
import { start } from './server.mjs';

let server, client, product, customer;

before(async () => {
  server = await start();
  client = new BigCommerceApiClient({ storeHash: server.store, accessToken: server.token, maxRetries: 0 });
  client.apiClient.axiosInstance.defaults.httpsAgent = server.agent;
  ({ data: product } = await client.catalog.products.createProduct({ name: 'Desk lamp', type: 'physical', weight: 2, price: 34.9 }));
  ({ data: [customer] } = await client.customersV3.createCustomers([{ email: 'ada@example.com', first_name: 'Ada', last_name: 'Byron' }]));
});
after(() => server.stop());

async function cart(params) {
  const { data } = await client.carts.createCart({ line_items: [{ product_id: product.id, quantity: 2 }] }, params);
  return data;
}

test('creates and reads a cart', async () => {
  const made = await cart({ include: ['redirect_urls'] });
  assert.equal(made.cart_amount, 69.8);
  assert.ok(made.redirect_urls.embedded_checkout_url);
  assert.ok(made.created_time instanceof Date);
  const { data } = await client.carts.getCart(made.id);
  assert.deepEqual(data.line_items, made.line_items);
  assert.equal(await client.carts.getCart('00000000-0000-4000-8000-000000000000'), null);
});

test('adds, changes and deletes lines', async () => {
  const { id } = await cart();
  const added = await client.carts.items.addCartLineItems(id, { custom_items: [{ name: 'Engraving', quantity: 1, list_price: 5 }] });
  assert.equal(added.data.cart_amount, 74.8);
  const [line] = added.data.line_items.physical_items;
  const changed = await client.carts.items.updateCartLineItem(id, line.id, { line_item: { product_id: product.id, quantity: 3 } });
  assert.equal(changed.data.line_items.physical_items[0].quantity, 3);
  const shorter = await client.carts.items.deleteCartLineItem(id, line.id);
  assert.equal(shorter.data.line_items.physical_items.length, 0);
});

test('gives a cart to a customer', async () => {
  const { id } = await cart();
  const { data } = await client.carts.updateCustomerId(id, customer.id);
  assert.equal(data.customer_id, customer.id);
});

test('makes redirect links', async () => {
  const { id } = await cart();
  const { data } = await client.carts.redirects.createCartLineRedirectUrl(id);
  assert.match(data.cart_url, new RegExp(id));
});

test('keeps metafields', async () => {
  const { id } = await cart();
  const fields = client.carts.metafields;
  const { data } = await fields.createMetafield(id, { key: 'note', value: 'Ring twice', namespace: 'shipping', permission_set: 'write' });
  assert.equal((await fields.getMetafield(id, data.id)).data.value, 'Ring twice');
  const changed = await fields.updateMetafield(id, data.id, { value: 'Do not ring' });
  assert.equal(changed.data.value, 'Do not ring');
  assert.equal((await fields.getAllMetafields(id)).data.length, 1);
  await fields.deleteMetafield(id, data.id);
  assert.equal(await fields.getMetafield(id, data.id), null);
});

test('reads and changes the settings', async () => {
  assert.equal((await client.carts.settings.getGlobalCartSettings()).data.allow_purchasing, true);
  const { data } = await client.carts.settings.updateChannelCartSettings(1, { allow_purchasing: null });
  assert.equal(data.allow_purchasing, null);
});

test('deletes a cart', async () => {
  const { id } = await cart();
  await client.carts.deleteCart(id);
  assert.equal(await client.carts.getCart(id), null);
});

test('is told what is wrong', async () => {
  await assert.rejects(client.carts.createCart({ line_items: [{ quantity: 1 }] }), ({ cause: { response } }) => {
    assert.equal(response.status, 422);
    assert.deepEqual(response.data.errors, { 'line_items.0.product_id': 'error.path.missing' });
    return true;
  });
});
