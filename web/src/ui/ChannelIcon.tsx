import {
  IconBrandTelegram,
  IconBrandWhatsapp,
  IconMail,
  IconMessage2Bolt,
  IconPhone,
  IconWorld,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ChannelKind } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './ChannelIcon.module.css';

const icons: Record<ChannelKind, TablerIcon> = {
  telegram: IconBrandTelegram,
  whatsapp: IconBrandWhatsapp,
  max: IconMessage2Bolt,
  webchat: IconWorld,
  phone: IconPhone,
  email: IconMail,
};

interface Props {
  kind: ChannelKind;
  /** Pixels; 16 unless told. */
  size?: number;
  /** Without a name for screen readers, where words stand beside it. */
  decorative?: boolean;
}

/** A channel's round badge in its own colour. */
export function ChannelIcon({ kind, size = 16, decorative }: Props) {
  const { t } = useTranslation();
  const Icon = icons[kind] ?? IconWorld;
  return (
    <span
      className={classes.badge}
      data-kind={kind}
      style={{ width: size, height: size }}
      {...(decorative ? { 'aria-hidden': true } : { role: 'img', 'aria-label': t(`channel.${kind}`) })}
    >
      <Icon size={Math.round(size * 0.66)} stroke={2.2} aria-hidden />
    </span>
  );
}
