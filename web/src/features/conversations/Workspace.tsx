import { SkeletonRows } from '@/ui';

export function Workspace() {
  return <SkeletonRows />;
}
