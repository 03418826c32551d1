// Judges a checkpoint and an inclusion proof with @sigstore/verify.
//
//   node tlog_judge.js DIR PROOF    NODE_PATH leads to the package
//
// Its public door wants Rekor bundles, so the two files that read checkpoints and fold proofs are asked directly.
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const package_ = path.dirname(require.resolve('@sigstore/verify/package.json'));
const { LogCheckpoint, verifyCheckpoint } = require(path.join(package_, 'dist/tlog/checkpoint.js'));
const { verifyMerkleInclusion } = require(path.join(package_, 'dist/tlog/merkle.js'));

const [directory, proofFile] = process.argv.slice(2);
const text = fs.readFileSync(proofFile, 'utf8');
const [head, note] = [text.slice(0, text.indexOf('\n\n')), text.slice(text.indexOf('\n\n') + 2)];
const lines = head.split('\n').slice(1);
const after = (prefix) => lines.find((line) => line.startsWith(prefix)).slice(prefix.length);
// The entry, then its signer's public key.
const body = Buffer.from(after('extra '), 'base64').subarray(0, -32);
const inclusionProof = {
  logIndex: after('index '),
  hashes: lines.filter((line) => !line.includes(' ')).map((line) => Buffer.from(line, 'base64')),
  checkpoint: { envelope: note },
};
const [name, id, key] = fs.readFileSync(path.join(directory, 'log.vkey'), 'utf8').trim().split('+', 3);
const rest = fs.readFileSync(path.join(directory, 'log.vkey'), 'utf8').trim().slice(name.length + id.length + 2);
const raw = Buffer.from(rest, 'base64').subarray(1);
const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
const log = {
  logID: Buffer.from(id, 'hex'),
  baseURL: name,
  publicKey: crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' }),
};
const refused = (what, act) => {
  try {
    act();
  } catch {
    return;
  }
  console.log(`${what}: accepted, should not be`);
  process.exit(1);
};

const checkpoint = verifyCheckpoint({ inclusionProof }, [log]);
verifyMerkleInclusion({ inclusionProof, canonicalizedBody: body }, checkpoint);
refused('another entry', () =>
  verifyMerkleInclusion({ inclusionProof, canonicalizedBody: Buffer.concat([body, Buffer.from([0])]) }, checkpoint));
const changed = { checkpoint: { envelope: note.replace('\n', 'x\n') } };
refused('another origin', () => verifyCheckpoint({ inclusionProof: changed }, [log]));
console.log(`checkpoint's signature, inclusion of entry ${inclusionProof.logIndex} in ${checkpoint.logSize}: accepted; two changed ones refused`);
