// Styles of the launcher, in its shadow tree. --c and --t are the brand's
// colour and what is readable on it.
export const css = `
:host{all:initial;--s:#fff;--x:#16181d;--d:#5d6572;--l:#e3e6eb}
:host(.dark){--s:#1b1f27;--x:#e8eaee;--d:#a2abb9;--l:#2b313b}
*{box-sizing:border-box}
.root{position:fixed;z-index:2147483000;bottom:20px;right:20px;font:14px/1.4 Inter,"Segoe UI",Roboto,system-ui,sans-serif;color:var(--x);display:flex;flex-direction:column;align-items:flex-end;gap:12px;pointer-events:none}
.left{right:auto;left:20px;align-items:flex-start}
button{font:inherit;color:inherit;border:0;background:none;padding:0;cursor:pointer;pointer-events:auto}
button:focus-visible{outline:3px solid var(--c);outline-offset:3px}
svg{fill:none;stroke:currentColor;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round;display:block}
.btn{position:relative;width:58px;height:58px;border-radius:50%;background:var(--c);color:var(--t);display:grid;place-items:center;box-shadow:0 4px 18px rgb(16 19 26/24%);transition:transform .16s,box-shadow .16s}
.btn:hover{transform:scale(1.05);box-shadow:0 6px 22px rgb(16 19 26/30%)}
.btn svg{grid-area:1/1;transition:opacity .16s,transform .16s}
.btn .x,.on .btn .c{opacity:0;transform:rotate(-40deg)}
.on .btn .x{opacity:1;transform:none}
.n{position:absolute;top:-3px;right:-3px;min-width:21px;height:21px;padding:0 5px;border-radius:11px;background:#c62f2f;color:#fff;border:2px solid #fff;font:600 12px/17px Inter,system-ui,sans-serif;text-align:center}
.n:empty{display:none}
.panel{width:392px;max-width:calc(100vw - 40px);height:min(660px,calc(100vh - 118px));border-radius:18px;overflow:hidden;background:var(--s);box-shadow:0 12px 48px rgb(16 19 26/26%),0 0 0 1px rgb(16 19 26/6%);opacity:0;transform:translateY(14px) scale(.98);transform-origin:bottom right;visibility:hidden;transition:opacity .18s,transform .18s,visibility .18s}
.left .panel{transform-origin:bottom left}
.on .panel{opacity:1;transform:none;visibility:visible;pointer-events:auto}
iframe{width:100%;height:100%;border:0;display:block}
.card{position:absolute;bottom:72px;right:0;width:max-content;max-width:min(300px,calc(100vw - 40px));display:flex;background:var(--s);border:1px solid var(--l);border-radius:16px 16px 5px 16px;box-shadow:0 8px 30px rgb(16 19 26/16%);pointer-events:auto;animation:in .22s ease-out}
.left .card{right:auto;left:0;border-radius:16px 16px 16px 5px}
.card[hidden],.on .card{display:none}
.card .say{padding:12px 4px 12px 15px;text-align:left;overflow-wrap:anywhere;border-radius:16px}
.say b{display:block;font-weight:600;font-size:12.5px;color:var(--d)}
.say span{display:-webkit-box;-webkit-line-clamp:4;-webkit-box-orient:vertical;overflow:hidden}
.card .no{width:30px;height:30px;margin:6px 6px 0 0;flex:none;border-radius:50%;display:grid;place-items:center;color:var(--d)}
.card .no:hover{color:var(--x)}
@keyframes in{from{opacity:0;transform:translateY(8px)}}
.hide .btn{display:none}
@media (max-width:480px){.on{inset:0;gap:0}.on .panel{width:100%;max-width:none;height:100vh;height:100dvh;border-radius:0;box-shadow:none}.on .btn{display:none}}
@media (prefers-reduced-motion:reduce){*{transition:none!important;animation:none!important}}
@media print{.root{display:none}}
`;
