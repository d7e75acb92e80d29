/** The dashboard is a static build: everything is drawn in the browser. */
export const ssr = false
export const prerender = false
