// SPDX-License-Identifier: Apache-2.0

import Components
import Decoders
import Extractors
import Loaders
import Transformers
import Validators

/// The catalog of everything shipped.
public enum BuiltIns {
  public static let catalog = Catalog(
    extractors: allExtractors, decoders: allDecoders, transformers: allTransformers,
    validators: allValidators, loaders: allLoaders)
}
