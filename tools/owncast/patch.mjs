import { SetupError } from "../process/errors.mjs";

/** The file to change in Owncast's module. */
export const patchedFile = "activitypub/apmodels/actor.go";

/**
 * Removes the look-up of a Fediverse server's shared inbox, because the pinned go-fed/activity lacks its type. Owncast then notifies each
 * follower's own inbox.
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
 * The changed text of `patchedFile`. Throws SetupError unless each passage occurs exactly once; otherwise this is another Owncast.
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
