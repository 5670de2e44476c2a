import { Anchor, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import type { Channel } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Card, CopyField } from '../kit';
import kit from '../kit/kit.module.css';
import css from './channels.module.css';
import { qrFile, qrPath } from './qr';

/** The link that takes a customer into the chat, with its QR code and a mark of where they came from. */
export function LinkCard({ channel }: { channel: Channel }) {
  const { t } = useTranslation('settings');
  const [payload, setPayload] = useState('');
  const clean = payload
    .trim()
    .replace(/[^\w-]/g, '')
    .slice(0, 64);
  const [asked] = useDebouncedValue(clean, 250);
  const link = useQuery({
    queryKey: ['channel-link', channel.id, asked, channel.health.account],
    queryFn: ({ signal }) =>
      api.get<{ url: string }>(`/channels/${channel.id}/link`, { payload: asked }, { signal }),
    placeholderData: keepPreviousData,
  });
  const url = link.data?.url ?? '';
  return (
    <Card title={t('channels.link')} hint={t('channels.link_hint')}>
      {link.isError ? (
        <p className={kit.hint}>{errorText(t, link.error)}</p>
      ) : (
        url && (
          <div className={css.linkBox}>
            <div className={kit.form}>
              <CopyField value={url} label={t('channels.link')} />
              <TextInput
                label={t('channels.payload')}
                placeholder={t('channels.payload_placeholder')}
                value={payload}
                onChange={(e) => setPayload(e.currentTarget.value)}
                maw={320}
              />
            </div>
            <QrCode url={url} name={channel.name} />
          </div>
        )
      )}
    </Card>
  );
}

function QrCode({ url, name }: { url: string; name: string }) {
  const { t } = useTranslation('settings');
  const { size, path } = useMemo(() => qrPath(url), [url]);
  return (
    <div>
      <div className={css.qr}>
        <svg
          viewBox={`0 0 ${size} ${size}`}
          role="img"
          aria-label={t('channels.qr', { url })}
          shapeRendering="crispEdges"
        >
          <path d={path} fill="#000" />
        </svg>
      </div>
      <Anchor href={qrFile(url)} download={`${name}.svg`} fz={12} mt={6} display="block" ta="center">
        {t('channels.qr_download')}
      </Anchor>
    </div>
  );
}
