import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { budget } from './build/budget.ts';
import { firstScreen } from './build/first-screen.ts';

// The program whose API the development server passes on: "make run" starts one with a demo company.
const api = process.env.OKNO_API ?? 'http://localhost:8080';

export default defineConfig({
  plugins: [react(), firstScreen(), budget()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    proxy: {
      '/api': {
        target: api,
        ws: true,
        changeOrigin: true,
        rewriteWsOrigin: true,
        headers: { origin: api },
      },
    },
  },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
    css: false,
  },
});
