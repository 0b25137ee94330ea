"""Where somebody looks, and eyes that look elsewhere: estimate, policy and warper, each on its own."""
