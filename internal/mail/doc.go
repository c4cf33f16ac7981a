// Package mail is the mail room: addresses, composing, the pipelined SMTP client with its
// journal, captured mail and the reading of what comes in.
//
// A campaign goes out in three steps. A Skeleton holds a whole MIME message encoded once for a
// locale and variant, with named slots; Render puts one recipient's values in. A Pool hands
// rendered messages to SMTP connections that stay open and pipeline. A Journal, a memory-mapped
// file that survives SIGKILL, says afterwards which messages had begun and which were accepted,
// so that nothing is lost and nothing is sent twice.
//
// Single mails (a sign-in link, an acknowledgement) are made by Compose and go the same way.
// Nothing here reads the clock or random numbers to make a message: date, Message-ID and values
// come from the caller and the boundary from the content, so that the same input is the same mail.
package mail
