"""A month of real days with people who save papers: does the digest begin with what they will save?"""
