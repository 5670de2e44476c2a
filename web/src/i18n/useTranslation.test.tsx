// @vitest-environment jsdom
import { act, render, screen } from '@testing-library/react';
import i18n from 'i18next';
import { Suspense, useState } from 'react';
import { beforeAll, expect, it } from 'vitest';
import { useTranslation } from './useTranslation';

const arrive = new Map<string, () => void>();

beforeAll(async () => {
  await i18n
    .use({
      type: 'backend',
      init() {},
      read: (lang: string, ns: string, done: (error: null, texts: object) => void) => {
        const texts = { word: `${ns} ${lang}` };
        if (ns === 'common') done(null, texts);
        else arrive.set(`${lang} ${ns}`, () => done(null, texts));
      },
    })
    .init({ lng: 'en', fallbackLng: false, ns: ['common'], defaultNS: 'common' });
});

function Word({ ns }: { ns?: string }) {
  const { t } = useTranslation(ns);
  // Whatever comes after the texts must find its state again.
  const [more] = useState('!');
  return <p>{t('word') + more}</p>;
}

const waiting = { fallback: <p>waiting</p> };

it('has what is there at once', () => {
  render(<Word />);
  expect(screen.getByText('common en!')).toBeDefined();
});

it('waits for texts that are on their way, in several places at once', async () => {
  await act(async () =>
    render(
      <Suspense {...waiting}>
        <Word ns="pages" />
        <Word ns="pages" />
      </Suspense>,
    ),
  );
  expect(screen.getByText('waiting')).toBeDefined();
  await act(async () => arrive.get('en pages')?.());
  expect(screen.getAllByText('pages en!')).toHaveLength(2);
});

it('follows the language', async () => {
  render(
    <Suspense {...waiting}>
      <Word />
    </Suspense>,
  );
  await act(async () => {
    const changed = i18n.changeLanguage('ru');
    arrive.get('ru pages')?.();
    await changed;
  });
  expect(screen.getByText('common ru!')).toBeDefined();
});
