import { SkeletonRows } from '@/ui';

export function ProfilePage() {
  return <SkeletonRows />;
}
