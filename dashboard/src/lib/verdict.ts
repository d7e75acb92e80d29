/** ✓ 已收 · ! 待複核 · ✗ 退回: the shape tells them apart, colour only helps. */
export const verdictSymbol = { accepted: '✓', 'needs-review': '!', rejected: '✗' } as const
