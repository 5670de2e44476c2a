// Stands in for the widget until it is built (npm run build).
console.warn('Okno: this server was built without the website widget.');
