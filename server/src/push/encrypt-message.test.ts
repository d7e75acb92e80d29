import { expect, test } from 'vitest'
import { encryptMessage } from './encrypt-message.ts'
import { isPushService } from './subscribe.ts'

const bytes = (text: string) => Buffer.from(text, 'base64url')

// The figures of RFC 8291, appendix A.
test('encrypts as the RFC’s own example', () => {
  const body = encryptMessage(
    {
      publicKey: bytes(
        'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      ),
      authSecret: bytes('BTBZMqHH6r4Tts7J_aSIgg'),
    },
    Buffer.from('When I grow up, I want to be a watermelon'),
    {
      salt: bytes('DGv6ra1nlYgDCS1FRnbzlw'),
      privateKey: bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'),
    },
  )
  expect(body.toString('base64url')).toBe(
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  )
})

test('posts to push services and to nothing else', () => {
  const origins = ['https://fcm.googleapis.com', 'https://*.push.apple.com']
  const may = (endpoint: string) => isPushService(endpoint, origins)
  expect(may('https://fcm.googleapis.com/fcm/send/abc')).toBe(true)
  expect(may('https://web.push.apple.com/abc')).toBe(true)
  for (const endpoint of [
    'http://fcm.googleapis.com/x',
    'https://fcm.googleapis.com.example/x',
    'https://fcm.googleapis.com:8443/x',
    'https://user@fcm.googleapis.com/x',
    'https://push.apple.com/x',
    'https://evilpush.apple.com.example/x',
    'https://web.push.apple.com:22/x',
    'https://127.0.0.1/x',
    'file:///etc/passwd',
    'x',
  ]) {
    expect(may(endpoint), endpoint).toBe(false)
  }
})
