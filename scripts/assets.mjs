// Fetches what pages need in the browser and the program embeds: for each entry
// of the manifest the pinned npm package, out of it the named files, and their
// SHA-256 into the manifest. A file whose name ends in .gz is kept compressed.
//
//   node scripts/assets.mjs [MANIFEST...]
//
// To change a version, edit "package" in the manifest, delete "integrity", and
// run this. A package whose contents changed under the same version is refused.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const manifests = process.argv.slice(2);
if (manifests.length === 0) manifests.push('internal/app/assets/manifest.json');

for (const path of manifests) {
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  for (const asset of manifest) refresh(asset, dirname(path));
  writeFileSync(path, JSON.stringify(manifest, null, 2) + '\n');
}

function refresh(asset, folder) {
  const work = mkdtempSync(join(tmpdir(), 'cartwright-assets-'));
  try {
    const packed = JSON.parse(
      execFileSync('npm', ['pack', '--json', asset.package], { cwd: work, stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    const [{ filename, integrity }] = Array.isArray(packed) ? packed : Object.values(packed);
    if (asset.integrity && asset.integrity !== integrity) {
      throw new Error(`${asset.package} is ${integrity}, the manifest says ${asset.integrity}`);
    }
    asset.integrity = integrity;
    execFileSync('tar', ['xzf', filename], { cwd: work });
    for (const file of asset.files) {
      const plain = readFileSync(join(work, 'package', file.from));
      const bytes = file.file.endsWith('.gz') ? gzipSync(plain, { level: 9 }) : plain;
      writeFileSync(join(folder, file.file), bytes);
      file.sha256 = createHash('sha256').update(bytes).digest('hex');
      console.log(`${asset.package}: ${file.file}, ${bytes.length} bytes`);
    }
  } finally {
    rmSync(work, { recursive: true });
  }
}
