import {
  IconBolt,
  IconBuilding,
  IconClipboardList,
  IconFilter,
  IconInbox,
  IconKey,
  IconListDetails,
  IconPlugConnected,
  IconShieldCheck,
  IconTags,
  IconUsers,
  IconUsersGroup,
  IconWebhook,
  type TablerIcon,
} from '@tabler/icons-react';
import { type ComponentType, lazy } from 'react';

export interface Section {
  key: string;
  /** Who may see it; absent: everybody. */
  permission?: string;
  icon: TablerIcon;
  page: ComponentType;
  item?: ComponentType<{ id: string }>;
}

export interface SectionGroup {
  key: 'company' | 'work' | 'dev';
  sections: Section[];
}

function page<K extends string>(load: () => Promise<Record<K, ComponentType>>, name: K) {
  return lazy(() => load().then((m) => ({ default: m[name] })));
}

function item<K extends string>(load: () => Promise<Record<K, ComponentType<{ id: string }>>>, name: K) {
  return lazy(() => load().then((m) => ({ default: m[name] })));
}

export const groups: SectionGroup[] = [
  {
    key: 'work',
    sections: [
      {
        key: 'inboxes',
        permission: 'inbox.manage',
        icon: IconInbox,
        page: page(() => import('./inboxes/InboxesPage'), 'InboxesPage'),
        item: item(() => import('./inboxes/InboxPage'), 'InboxPage'),
      },
      {
        key: 'channels',
        permission: 'channel.manage',
        icon: IconPlugConnected,
        page: page(() => import('./channels/ChannelsPage'), 'ChannelsPage'),
        item: item(() => import('./channels/ChannelPage'), 'ChannelPage'),
      },
      {
        key: 'canned',
        permission: 'canned.manage',
        icon: IconBolt,
        page: page(() => import('./canned/CannedPage'), 'CannedPage'),
      },
      {
        key: 'tags',
        permission: 'tag.manage',
        icon: IconTags,
        page: page(() => import('./tags/TagsPage'), 'TagsPage'),
      },
      {
        key: 'fields',
        permission: 'field.manage',
        icon: IconListDetails,
        page: page(() => import('./fields/FieldsPage'), 'FieldsPage'),
      },
      { key: 'views', icon: IconFilter, page: page(() => import('./views/ViewsPage'), 'ViewsPage') },
    ],
  },
  {
    key: 'company',
    sections: [
      {
        key: 'people',
        permission: 'user.manage',
        icon: IconUsers,
        page: page(() => import('./people/PeoplePage'), 'PeoplePage'),
      },
      {
        key: 'teams',
        permission: 'team.manage',
        icon: IconUsersGroup,
        page: page(() => import('./teams/TeamsPage'), 'TeamsPage'),
      },
      {
        key: 'roles',
        permission: 'role.manage',
        icon: IconShieldCheck,
        page: page(() => import('./roles/RolesPage'), 'RolesPage'),
      },
      {
        key: 'workspace',
        permission: 'workspace.manage',
        icon: IconBuilding,
        page: page(() => import('./workspace/WorkspacePage'), 'WorkspacePage'),
      },
      {
        key: 'audit',
        permission: 'audit.view',
        icon: IconClipboardList,
        page: page(() => import('./audit/AuditPage'), 'AuditPage'),
      },
    ],
  },
  {
    key: 'dev',
    sections: [
      {
        key: 'tokens',
        permission: 'token.manage',
        icon: IconKey,
        page: page(() => import('./tokens/TokensPage'), 'TokensPage'),
      },
      {
        key: 'webhooks',
        permission: 'webhook.manage',
        icon: IconWebhook,
        page: page(() => import('./webhooks/WebhooksPage'), 'WebhooksPage'),
        item: item(() => import('./webhooks/WebhookPage'), 'WebhookPage'),
      },
    ],
  },
];

/** The sections that somebody with these permissions sees; empty groups fall away. */
export function visibleGroups(permissions: string[]): SectionGroup[] {
  return groups
    .map((group) => ({ ...group, sections: group.sections.filter((s) => allowed(s, permissions)) }))
    .filter((group) => group.sections.length > 0);
}

export function allowed(section: Section, permissions: string[]): boolean {
  return !section.permission || permissions.includes(section.permission);
}

export function findSection(key: string): Section | undefined {
  return groups.flatMap((g) => g.sections).find((s) => s.key === key);
}
