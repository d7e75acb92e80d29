export * from './connect.ts'
export * from './migrate.ts'
export * from './transaction.ts'
export * from './schema/index.ts'
