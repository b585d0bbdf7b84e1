//! A graph of recorded operations and the backward pass, generic over the value that flows.
