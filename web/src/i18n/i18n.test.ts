import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const namespaces = (lang: string) =>
  readdirSync(join(root, 'i18n', lang))
    .filter((f) => f.endsWith('.json'))
    .map((f) => f.slice(0, -5));

type Texts = { [key: string]: string | Texts };

function read(lang: string, ns: string): Texts {
  return JSON.parse(readFileSync(join(root, 'i18n', lang, `${ns}.json`), 'utf8')) as Texts;
}

function flat(texts: Texts, prefix = ''): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') out.set(prefix + key, value);
    else for (const [k, v] of flat(value, `${prefix}${key}.`)) out.set(k, v);
  }
  return out;
}

const plural = /_(zero|one|two|few|many|other)$/;
const stem = (key: string) => key.replace(plural, '');

describe('texts', () => {
  it('both languages have the same namespaces', () => {
    expect(namespaces('ru')).toEqual(namespaces('en'));
  });

  for (const ns of namespaces('en')) {
    const ru = flat(read('ru', ns));
    const en = flat(read('en', ns));

    it(`${ns}: both languages have the same keys`, () => {
      expect([...new Set([...ru.keys()].map(stem))].sort()).toEqual(
        [...new Set([...en.keys()].map(stem))].sort(),
      );
    });

    it(`${ns}: nothing is empty, placeholders agree`, () => {
      const holes = (text: string) => [...new Set(text.match(/\{\{\w+\}\}/g) ?? [])].sort().join();
      for (const [key, text] of en) {
        expect(text, key).not.toBe('');
        const other = ru.get(key);
        if (other !== undefined && !plural.test(key)) expect(holes(other), `ru ${key}`).toBe(holes(text));
      }
    });

    it(`${ns}: counted words have every form of their language`, () => {
      for (const key of ru.keys()) {
        if (!key.endsWith('_one')) continue;
        for (const form of ['few', 'many'])
          expect(ru.has(`${stem(key)}_${form}`), `ru ${stem(key)}_${form}`).toBe(true);
      }
    });
  }
});

function sources(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) return name === 'i18n' || name === 'test' ? [] : sources(path);
    return /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) ? [path] : [];
  });
}

const withoutComments = (code: string) =>
  code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');

describe('components', () => {
  for (const path of sources(root)) {
    const name = path.slice(root.length + 1);
    const code = withoutComments(readFileSync(path, 'utf8'));

    if (!path.endsWith('.tsx')) continue;
    it(`${name}: no Cyrillic`, () => {
      expect(code.match(/[\u0400-\u04ff]+/g)).toBeNull();
    });

    it(`${name}: no words outside the texts`, () => {
      const attributes = code.match(
        /\s(aria-label|title|placeholder|label|alt)="(?!https?:)[^"]*[A-Za-z]{2,}[^"]*"/g,
      );
      expect(attributes).toBeNull();
      const children = code.match(/<(?!kbd)[a-zA-Z][^<>{}=;]*>\s*[A-Za-z]{2,}[a-zA-Z ,.!?']*\s*<\//g);
      expect(children).toBeNull();
    });
  }
});
