// Kernel images of a distribution with their debug information, for tests that compare with what a compiler emitted:
// Debian's linux-image-*-arm64 (configuration, compressed image) and linux-image-*-arm64-dbg (vmlinux), of the very
// version of the source package. Part of setup.mjs.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What makes Debian's arm64 packages known to apt on another architecture. */
const remedy = 'dpkg --add-architecture arm64 && apt-get update';

/**
 * Downloads (about 1.2 GB a version) and unpacks what is missing. Entries of the record, without the versions that
 * apt does not offer: those are said.
 */
export async function setUpImages({ home, sources, say }) {
  const images = [];
  const root = join(home, 'images');
  mkdirSync(root, { recursive: true });
  for (const { name, path, version } of sources) {
    const stamp = join(root, `${name}.json`);
    const made = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : null;
    if (made !== null && made.sourceVersion === version && made.source === path && existsSync(made.vmlinux)) {
      images.push(made);
      continue;
    }
    const offered = newestPackage(name, version);
    if (offered === null) {
      say(`no image of ${name}: apt offers no linux-image-${name}*-arm64-dbg. Run: ${remedy}`);
      continue;
    }
    const { release } = offered;
    const directory = join(root, name);
    const image = {
      name,
      release,
      package: `${offered.package} ${offered.version}`,
      source: path,
      sourceVersion: version,
      vmlinux: join(directory, `usr/lib/debug/boot/vmlinux-${release}`),
      config: join(directory, `boot/config-${release}`),
      compressed: join(directory, `boot/vmlinuz-${release}`),
    };
    images.push(image);
    rmSync(stamp, { force: true });
    rmSync(directory, { recursive: true, force: true });
    const partial = `${directory}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    say(`image ${release}: downloading`);
    const main = offered.package.replace(/-dbg$/, '');
    try {
      const packages = [`${offered.package}:arm64=${offered.version}`, `${main}:arm64`];
      execFileSync('apt-get', ['download', '-qq', ...packages], {
        cwd: partial,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    } catch {
      // Tests that need the image say so.
      say(`image ${release}: apt-get could not download it`);
      images.pop();
      continue;
    }
    const debs = readdirSync(partial).filter((file) => file.endsWith('.deb'));
    say(`image ${release}: unpacking`);
    for (const deb of debs) {
      const members = deb.startsWith(`${main}-dbg_`)
        ? [`./usr/lib/debug/boot/vmlinux-${release}`]
        : [`./boot/config-${release}`, `./boot/vmlinuz-${release}`];
      await unpackMembers(join(partial, deb), partial, members);
      rmSync(join(partial, deb));
    }
    renameSync(partial, directory);
    for (const file of [image.vmlinux, image.config, image.compressed]) statSync(file);
    writeFileSync(stamp, JSON.stringify(image));
  }
  return images;
}

/** The debug package of a kernel version's plain flavor: of the version of its source package, else the newest. */
function newestPackage(name, sourceVersion) {
  const listed = apt('apt-cache', ['pkgnames', `linux-image-${name}`]).split('\n');
  const pattern = new RegExp(`^linux-image-(${name.replace('.', '\\.')}\\.[^-]*(?:-\\d+)?-arm64)-dbg$`);
  const found = [];
  for (const one of listed) {
    const release = pattern.exec(one)?.[1];
    if (release === undefined) continue;
    const text = apt('apt-cache', ['madison', `${one}:arm64`]);
    for (const line of text.split('\n')) {
      const version = line.split('|')[1]?.trim();
      if (version) found.push({ package: one, release, version });
    }
  }
  const fits = found.filter(({ version }) => version.replace(/\+b\d+$/, '') === sourceVersion);
  return (
    (fits.length > 0 ? fits : found).sort((left, right) => compareVersions(right.version, left.version))[0] ?? null
  );
}

const compareVersions = (left, right) => (left === right ? 0 : isNewer(left, right) ? 1 : -1);

function isNewer(left, right) {
  try {
    execFileSync('dpkg', ['--compare-versions', left, 'gt', right], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function apt(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

/** Unpacks named files and stops reading the package at the last of them: what follows are the modules. */
function unpackMembers(deb, directory, members) {
  const reader = spawn('dpkg-deb', ['--fsys-tarfile', deb], { stdio: ['ignore', 'pipe', 'ignore'] });
  const writer = spawn('tar', ['-xf', '-', '-C', directory, '--occurrence=1', ...members], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  reader.stdout.pipe(writer.stdin);
  // The writer ends first.
  writer.stdin.on('error', () => reader.kill());
  return new Promise((done, fail) => {
    writer.once('error', fail);
    writer.once('close', (status) => {
      reader.kill();
      if (status === 0) done();
      else fail(new Error(`tar: cannot unpack ${members.join(' ')} of ${basename(deb)}`));
    });
  });
}
