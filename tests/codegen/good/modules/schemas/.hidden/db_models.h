This directory begins with a dot and is passed over.
