// The shop's own script: a filter and a cart that counts.
const goods = [...document.querySelectorAll('.goods li')];
const filters = [...document.querySelectorAll('[data-filter]')];
for (const button of filters) {
  button.addEventListener('click', () => {
    for (const other of filters) other.setAttribute('aria-pressed', String(other === button));
    for (const item of goods) item.hidden = button.dataset.filter !== 'all' && item.dataset.kind !== button.dataset.filter;
  });
}
let count = 0;
for (const button of document.querySelectorAll('[data-add]')) {
  button.addEventListener('click', () => {
    count += 1;
    document.getElementById('cart').textContent = String(count);
    button.textContent = 'Добавлено';
    button.classList.add('added');
  });
}
