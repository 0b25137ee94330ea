"""Where frames and sound come from: camera, file, stream, test pattern; microphone, file, silence."""
