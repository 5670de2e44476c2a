import { SkeletonRows } from '@/ui';

export function SetupPage() {
  return <SkeletonRows />;
}
