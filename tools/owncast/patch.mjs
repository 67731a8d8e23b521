import { SetupError } from "../process/errors.mjs";

/** The file of Owncast's module that is changed. */
export const patchedFile = "activitypub/apmodels/actor.go";

/**
 * What is taken out: the look-up of a Fediverse server's shared inbox, whose type the pinned go-fed/activity lacks.
 * Followers' servers are then notified one inbox at a time.
 */
export const edits = [
  {
    find: `func getSharedInboxFromEntity(entity ExternalEntity) *url.URL {
	endpointsProp := entity.GetActivityStreamsEndpoints()
	if endpointsProp == nil || !endpointsProp.IsActivityStreamsEndpoints() {
		return nil
	}

	endpoints := endpointsProp.Get()
	if endpoints == nil {
		return nil
	}

	sharedInboxProp := endpoints.GetActivityStreamsSharedInbox()
	if sharedInboxProp == nil || !sharedInboxProp.HasAny() {
		return nil
	}

	return sharedInboxProp.Get()
}
`,
    put: `func getSharedInboxFromEntity(_ ExternalEntity) *url.URL {
	return nil
}
`,
  },
  { find: "\tGetActivityStreamsEndpoints() vocab.ActivityStreamsEndpointsProperty\n", put: "" },
];

/**
 * The changed text of `patchedFile`. Throws SetupError unless every passage is there exactly once: then this is another Owncast.
 * @param {string} source
 * @returns {string}
 */
export function patch(source) {
  return edits.reduce((text, { find, put }) => {
    const parts = text.split(find);
    if (parts.length !== 2)
      throw new SetupError(
        `Owncast's ${patchedFile} is not the one that tools/owncast/patch.mjs changes: it holds this passage ${parts.length - 1} times instead of once:\n${find}`,
        "bring patch.mjs in line with the Owncast that tools/owncast/go.mod names, or set OWNCAST to an existing program",
      );
    return parts.join(put);
  }, source);
}
