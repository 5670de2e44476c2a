import { keys } from '@/api/keys';
import { readAll } from '@/api/reference';
import type { ChannelKindInfo, PermissionInfo, Role, Token, Webhook } from '@/api/types';

type Context = { signal: AbortSignal };

// Lists that only the settings need.

export const rolesQuery = {
  queryKey: keys.roles,
  queryFn: ({ signal }: Context) => readAll<Role>('/roles', signal),
};

export const permissionsQuery = {
  queryKey: keys.permissions,
  queryFn: ({ signal }: Context) => readAll<PermissionInfo>('/permissions', signal),
};

export const tokensQuery = {
  queryKey: keys.tokens,
  queryFn: ({ signal }: Context) => readAll<Token>('/tokens', signal),
};

export const webhooksQuery = {
  queryKey: keys.webhooks,
  queryFn: ({ signal }: Context) => readAll<Webhook>('/webhooks', signal),
};

export const kindsQuery = {
  queryKey: keys.channelKinds,
  queryFn: ({ signal }: Context) => readAll<ChannelKindInfo>('/channel-kinds', signal),
};
