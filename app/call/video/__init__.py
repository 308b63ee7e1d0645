"""Cameras and frames. OpenCV reads its settings when it is loaded, so they are made here, before that."""

import os

os.environ.setdefault("OPENCV_AVFOUNDATION_SKIP_AUTH", "1")
"""macOS: we ask for the camera ourselves (`runtime/device_permission.py`); OpenCV can only from the main thread and its
run loop (opencv/opencv#16427, #15517).
"""
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
"""Windows, Media Foundation: with them a camera takes 10 to 20 s to open (opencv/opencv#17687)."""
