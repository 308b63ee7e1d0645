"""What this side sends into the room: microphone, camera and screen, over one connection after the other."""
