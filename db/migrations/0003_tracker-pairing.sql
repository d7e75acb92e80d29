ALTER TABLE "breadcrumb" ADD COLUMN "is_evidence" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "breadcrumb" ADD COLUMN "tracker_details" jsonb;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "pairing_hash" "bytea";--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "public_id" text;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "last_sos_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "keep_alive" jsonb;--> statement-breakpoint
ALTER TABLE "device" ADD CONSTRAINT "device_pairingHash_unique" UNIQUE("pairing_hash");--> statement-breakpoint
ALTER TABLE "device" ADD CONSTRAINT "device_publicId_unique" UNIQUE("public_id");