import { SkeletonRows } from '@/ui';

export function InvitePage() {
  return <SkeletonRows />;
}
