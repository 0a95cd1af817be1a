print("terrace")
