"""What liaison does, one function a deed; each inside its caller's transaction unless it says otherwise."""
