"""Unbroken: the server, one package per capability, on ordered floors."""
