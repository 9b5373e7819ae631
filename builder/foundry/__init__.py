"""The foundry casts the embedded weights: it reads licensed text and writes `builder/glossator/weights/`.

Nothing here runs in the product and nothing here is in the wheel.
"""
